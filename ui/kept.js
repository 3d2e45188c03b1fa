// Before the server is asked: what this browser keeps now, for another tab may have kept something since.
(_, ...given) => [localStorage.getItem("whosays-conversations") ?? "", ...given]
