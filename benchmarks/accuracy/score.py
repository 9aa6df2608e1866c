"""Counts what was right, what was left open, and where it went wrong."""

from collections import Counter, defaultdict

CONFIDENCES = ("certain", "likely", "suspect")


class Score:
    """Results of one question, by cell (what was drawn, how it was written, how many values)."""

    def __init__(self, title):
        self.title = title
        self.cells = defaultdict(Counter)
        self.labels = defaultdict(Counter)
        self.confidence = defaultdict(Counter)

    def add(self, cell, label, confidence, *, right, decidable, open_label):
        """One answer; `right` is the set of labels that are, `open_label` the one that leaves the question open."""
        counts = self.cells[cell]
        given = label != open_label or open_label in right
        counts["asked"] += 1
        counts["decidable"] += decidable
        counts["answered"] += decidable and given
        if given:
            counts["given"] += 1
            counts["right"] += label in right
            self.confidence[confidence]["given"] += 1
            self.confidence[confidence]["right"] += label in right
        self.labels[cell][label] += 1

    def write(self, out, worst=10):
        total = Counter()
        for counts in self.cells.values():
            total.update(counts)
        out.write(f"## {self.title}\n\n")
        out.write(
            f"{total['asked']} asked, {total['given']} labels given, {_share(total, 'right', 'given')} of them right; "
        )
        out.write(f"{total['decidable']} decidable, {_share(total, 'answered', 'decidable')} of them answered.\n\n")
        out.write("| confidence | labels given | right |\n|---|---|---|\n")
        for name in CONFIDENCES:
            out.write(
                f"| {name} | {self.confidence[name]['given']} | {_share(self.confidence[name], 'right', 'given')} |\n"
            )
        out.write("\n| worst cells | right | answered | labels |\n|---|---|---|---|\n")
        for cell in sorted(self.cells, key=self._badness)[:worst]:
            counts = self.cells[cell]
            labels = ", ".join(f"{label} {count}" for label, count in self.labels[cell].most_common(4))
            answered = _share(counts, "answered", "decidable")
            out.write(
                f"| {' · '.join(map(str, cell))} | {_share(counts, 'right', 'given')} | {answered} | {labels} |\n"
            )
        out.write("\n")

    def table(self, out):
        """Every cell: rows by what was drawn, columns by encoding and number of values; `right/given of asked`."""
        where = sorted({cell[1:] for cell in self.cells if cell[-1] >= 100}, key=lambda one: (one[0], one[-1]))
        out.write(f"| {self.title} | {' | '.join(' '.join(map(str, one)) for one in where)} |\n")
        out.write("|---" * (len(where) + 1) + "|\n")
        for name in dict.fromkeys(cell[0] for cell in self.cells):
            row = [self._cell((name, *one)) for one in where]
            out.write(f"| {name} | {' | '.join(row)} |\n")
        out.write("\n")

    def _cell(self, cell):
        if cell not in self.cells:
            return ""
        counts = self.cells[cell]
        wrong = counts["given"] - counts["right"]
        open_ = counts["asked"] - counts["given"]
        return f"{counts['right']}" + (f" **{wrong} wrong**" if wrong else "") + (f" ({open_} open)" if open_ else "")

    def _badness(self, cell):
        counts = self.cells[cell]
        wrong = counts["given"] - counts["right"]
        missed = counts["decidable"] - counts["answered"]
        return -(wrong + 0.2 * missed) / counts["asked"]


def _share(counts, part, whole):
    return f"{counts[part] / counts[whole]:.2%}" if counts[whole] else "–"
