"""The control plane under /_sandbox: what tests, the sample seed and the phones page use to act on the sandbox."""
