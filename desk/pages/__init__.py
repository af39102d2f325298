"""One module per page of the desk: gather input, call one service, draw."""
