"""The command line: commands, settings, progress. Only this package prints, and only it configures logging."""
