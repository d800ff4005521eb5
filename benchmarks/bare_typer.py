"""What a typer program with two commands costs at least: flowsql's own commands are held against it."""

import typer

app = typer.Typer()


@app.command("list")
def list_names() -> None:
    """List two names."""
    typer.echo("one\ntwo")


@app.command()
def run(name: str) -> None:
    """Run a name."""
    typer.echo(name)


if __name__ == "__main__":
    app()
