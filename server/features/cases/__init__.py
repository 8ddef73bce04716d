"""One application from draft to decision, asked for nothing the published guide does not name, on the law's clock."""
