"""An event loop in a thread of its own: what waits for a network there can be watched, limited in time and cancelled
from where people wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")
ENDING = 5.0  # seconds that work may take to end when it is cancelled


class Background:
    """Started with the first work; its thread ends with the program."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """The work's future. Cancelling it cancels the work where it waits, and so closes its connection."""
        return asyncio.run_coroutine_threadsafe(work, self._running())

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="whosays-model", daemon=True)
                self._thread.start()
            return self._loop

    def close(self) -> None:
        """End the loop; what still runs there is cancelled first."""
        with self._starting:
            loop, self._loop, thread = self._loop, None, self._thread
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(timeout=ENDING)
        asyncio.run_coroutine_threadsafe(loop.shutdown_asyncgens(), loop).result(timeout=ENDING)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=ENDING)
        if not thread.is_alive():
            loop.close()


async def _cancel_all() -> None:
    own = asyncio.current_task()
    tasks = [t for t in asyncio.all_tasks() if t is not own]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
