"""`mutirao worker`: one more worker, on this computer or another that shares database and files."""

from mutirao.worker.work import main


def worker() -> None:
    """Work on the runs that people ask for in the web application, one at a time, until Ctrl-C.

    Reads the same MUTIRAO_DATA and MUTIRAO_DATABASE as `mutirao serve`; several workers share one queue.

    Examples:

      mutirao worker
    """
    main()
