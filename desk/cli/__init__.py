"""The command line: every command of the contract, one module per group, nothing heavy before a command needs it."""
