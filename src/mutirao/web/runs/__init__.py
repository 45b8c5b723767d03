"""Work that takes longer than a page: queued, leased to a worker, resumed after a crash, never done twice."""
