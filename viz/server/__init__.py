"""What stands between the network and the pages: who may come in, what a browser may do with a page, how much may be uploaded, and what the server counts."""
