"""Groups of commands, each a typer app that the command line takes in; heavy imports happen inside the commands."""
