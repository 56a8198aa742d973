"""Two things a 4 x 4 matrix needs, so that a live dashboard does not load a numerics library on the rooms' loop."""

from math import hypot

Matrix = list[list[float]]

MAX_SWEEPS = 50


def symmetric_eigenvalues(matrix: Matrix) -> list[float]:
    """Of a small symmetric matrix, unordered: cyclic Jacobi rotations (Golub & Van Loan, section 8.5)."""
    a = [list(row) for row in matrix]
    n = len(a)
    for _ in range(MAX_SWEEPS):
        off = sum(a[p][q] ** 2 for p in range(n) for q in range(p))
        if off <= 1e-30 * sum(a[p][p] ** 2 for p in range(n)):
            break
        for p in range(n - 1):
            for q in range(p + 1, n):
                _rotate(a, p, q)
    return [a[p][p] for p in range(n)]


def _rotate(a: Matrix, p: int, q: int) -> None:
    """Make a[p][q] zero."""
    if a[p][q] == 0.0:
        return
    theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
    tangent = (1 if theta >= 0 else -1) / (abs(theta) + hypot(1, theta))
    cosine = 1 / hypot(1, tangent)
    sine = tangent * cosine
    for row in a:
        row[p], row[q] = cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]
    for k in range(len(a)):
        a[p][k], a[q][k] = cosine * a[p][k] - sine * a[q][k], sine * a[p][k] + cosine * a[q][k]


def solve(matrix: Matrix, right: list[float]) -> list[float]:
    """x of `matrix x = right`, by elimination with row pivoting. Raises `ZeroDivisionError` on a singular matrix."""
    n = len(right)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for column in range(n):
        pivot = max(range(column, n), key=lambda index: abs(rows[index][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for index in range(column + 1, n):
            factor = rows[index][column] / rows[column][column]
            rows[index] = [one - factor * other for one, other in zip(rows[index], rows[column], strict=True)]
    solution = [0.0] * n
    for index in reversed(range(n)):
        known = sum(rows[index][k] * solution[k] for k in range(index + 1, n))
        solution[index] = (rows[index][n] - known) / rows[index][index]
    return solution
