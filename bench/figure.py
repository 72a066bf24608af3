"""One figure of a benchmark, and how it is shown."""
import math
from dataclasses import dataclass

NAME_WIDTH = 58
RATIO = "ratio"


@dataclass
class Figure:
    """`goal` is `>=N` or `<=N` for what was measured, `ratio>=N` or `ratio<=N` for the ratio to the
    baseline, or `-`; `baseline` is the same by other means in the same run, 0 = none."""
    name: str
    measured: float
    goal: str = "-"
    baseline: float = 0

    @property
    def ratio(self):
        return self.measured / self.baseline if self.baseline else None

    @property
    def missed_by(self):
        """How many times worse than the goal; 1 or less = reached, None = there is no goal."""
        if self.goal == "-":
            return None
        value = self.ratio if self.goal.startswith(RATIO) else self.measured
        comparison = self.goal.removeprefix(RATIO)
        goal = float(comparison[2:])
        return over(goal, value) if comparison.startswith(">=") else over(value, goal)

    def line(self):
        baseline, ratio = "-", "-"
        if self.baseline:
            baseline, ratio = number(self.baseline), f"{self.ratio:.2f}"
        return row(self.name, number(self.measured), self.goal, baseline, ratio)


def over(one, other):
    """one / other; nothing is as good as nothing, and anything infinitely more."""
    if other:
        return one / other
    return math.inf if one else 1


def number(value):
    return f"{value:.0f}" if value >= 1000 else f"{value:.4g}"


def header():
    return row("figure", "measured", "goal", "baseline", RATIO)


def row(name, measured, goal, baseline, ratio):
    return f"{name:<{NAME_WIDTH}} {measured:>10} {goal:>10} {baseline:>10} {ratio:>6}"


def verdict(figures):
    """How many goals were reached, and which were not."""
    goals = [figure for figure in figures if figure.missed_by is not None]
    missed = [figure for figure in goals if figure.missed_by > 1]
    yield f"{len(goals) - len(missed)} of {len(goals)} goals reached"
    for figure in missed:
        yield f"  {figure.name}: {figure.missed_by:.1f} times worse than its goal"
