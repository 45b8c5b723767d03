"""Plans as pages: read, questioned, disputed, compared, tried out."""
