"""The chat page: a skin over `rag.ask` and `rag.render`."""
