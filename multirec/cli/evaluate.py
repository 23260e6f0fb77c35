"""``multirec evaluate``: predictions beside their labels."""

from __future__ import annotations

from pathlib import Path

import click

from multirec.cli.types import extra


@click.command()
@click.argument("ground_truth", nargs=-1, required=True, metavar="GT...", type=click.Path(exists=True, path_type=Path))
@click.argument("predictions", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="PREDICTIONS.csv")
@click.option(
    "--fold-print", is_flag=True, help="Count all kinds of quotes as one, of dashes too, and compare by NFKC."
)
@click.option("--fold-case", is_flag=True, help="Count upper and lower case as one.")
@click.option("--fold-blanks", is_flag=True, help="Do not count blanks.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of a table.")
def evaluate(
    ground_truth: tuple[Path, ...],
    predictions: Path,
    fold_print: bool,
    fold_case: bool,
    fold_blanks: bool,
    as_json: bool,
) -> None:
    """Compare PREDICTIONS.csv with the labels in GT... (needs the extra 'evaluate').

    GT is a table of file<TAB>text, a PAGE or ALTO document with texts, or a folder with gt.tsv, with
    NAME.gt.txt beside its images, or with such documents. Shown are character and word error rates with their
    95 % intervals, for the combined text and each model, how often the models agree and are right then, how
    far confidence can be trusted, and the most frequent confusions.
    """
    with extra("evaluate"):
        from multirec import evaluation
    try:
        folding = evaluation.Folding(fold_print, fold_case, fold_blanks)
        lines, unread = evaluation.match(ground_truth, predictions, folding)
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from error
    report = evaluation.evaluate(lines)
    if as_json:
        import json

        click.echo(json.dumps(report | {"labels_without_row": unread}, ensure_ascii=False, indent=1))
    else:
        click.echo(evaluation.as_text(report, unread))
