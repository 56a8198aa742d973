"""Binomial tails, right to the last digits and in logarithms.

The probability of one value is Loader's saddle-point form (*Fast and accurate computation of binomial probabilities*,
2000), whose error does not grow with n; a tail is that times the sum of ratios of neighbouring probabilities, always
taken on the side away from the mean. Far from it the sum is a short series; near it, where the series has some ten
square roots of n terms, it is an integral. Differences of log-gamma would lose digits from n of about 1e6.
"""

from math import exp, inf, log, log1p, pi, sqrt

from gamekeeper_apps.chsh.statistics.quadrature import integrate

LN10 = log(10.0)
LONGEST_SERIES = 100
"""Terms up to which the series is cheaper than the integral."""
NEGLIGIBLE_LN = -42.0
"""ln of what is left out of an integrand of height 1."""
MAX_STEPS = 100
RESOLUTION = 1e-14

_STIRLING_ERRORS = (
    0.0,
    0.0810614667953272582196702,
    0.0413406959554092940938221,
    0.02767792568499833914878929,
    0.02079067210376509311152277,
    0.01664469118982119216319487,
    0.01387612882307074799874573,
    0.01189670994589177009505572,
    0.010411265261972096497478567,
    0.009255462182712732917728637,
    0.008330563433362871256469318,
    0.007573675487951840794972024,
    0.006942840107209529865664152,
    0.006408994188004207068439631,
    0.005951370112758847735624416,
    0.005554733551962801371038690,
)
"""ln n! - ln(sqrt(2 pi n) (n/e)^n) for n = 0..15, where the series is not yet good enough (n = 0 is not used)."""


def _stirling_error(n: float) -> float:
    if n < len(_STIRLING_ERRORS):
        return _STIRLING_ERRORS[int(n)]
    square = n * n
    series = 1 / 1260 - (1 / 1680 - (1 / 1188) / square) / square
    return (1 / 12 - (1 / 360 - series / square) / square) / n


def _deviance(x: float, mean: float) -> float:
    """x ln(x / mean) + mean - x, without cancellation near x = mean."""
    difference = x - mean
    if abs(difference) < 0.1 * (x + mean):
        ratio = difference / (x + mean)
        total = difference * ratio
        power = 2 * x * ratio
        for odd in range(3, 1001, 2):
            power *= ratio * ratio
            step = total + power / odd
            if step == total:
                break
            total = step
        return total
    return x * log(x / mean) - difference


def log_pmf(n: int, k: float, p: float, q: float | None = None) -> float:
    """ln P(Bin(n, p) = k) for 0 <= k <= n and 0 < p < 1. `q` is 1 - p, for a p so near 1 that it would be rounded.

    Between whole numbers, at least 16 from 0 and n, it is the smooth function through them.
    """
    q = 1 - p if q is None else q
    if k == 0:
        return n * (log1p(-p) if p < 0.5 else log(q))
    if k == n:
        return n * (log1p(-q) if q < 0.5 else log(p))
    error = _stirling_error(n) - _stirling_error(k) - _stirling_error(n - k)
    deviances = _deviance(k, n * p) + _deviance(n - k, n * q)
    return error - deviances + 0.5 * log(n / (2 * pi * k * (n - k)))


def _tail_ratio(n: int, k: int, odds: float) -> float:
    """P(X >= k) / P(X = k) for k above the mean; odds = p/(1 - p)."""
    falling = (n - k) / (k + 1) * odds
    if falling**LONGEST_SERIES > 1e-17 and n - k > LONGEST_SERIES:
        return _tail_integral(n, k, odds)
    total = term = 1.0
    for i in range(k, n):
        term *= (n - i) / (i + 1) * odds
        total += term
        if term < total * 1e-17:
            break
    return total


def _tail_integral(n: int, k: int, odds: float) -> float:
    """The same as k times the integral of (1 - u)^(k-1) (1 + odds u)^(n-k) over 0 < u < 1: the incomplete beta integral
    in units of its own integrand at the end, which from there only falls."""

    def log_height(u: float) -> float:
        return (k - 1) * log1p(-u) + (n - k) * log1p(odds * u)

    slope, curvature = (k - 1) - (n - k) * odds, (k - 1) + (n - k) * odds * odds
    reach = -2 * NEGLIGIBLE_LN / (slope + sqrt(slope * slope - 2 * NEGLIGIBLE_LN * curvature))
    while reach < 1 and log_height(reach) > NEGLIGIBLE_LN:
        reach *= 1.25
    return k * integrate(lambda u: exp(log_height(u)), 0.0, min(reach, 1.0))


def _log_upper(n: int, k: int, p: float, q: float) -> float:
    """ln P(Bin(n, p) >= k) for k above the mean."""
    return log_pmf(n, k, p, q) + log(_tail_ratio(n, k, p / q))


def log_tail(n: int, k: int, p: float, q: float | None = None) -> float:
    """ln P(Bin(n, p) >= k), for any integer k, in the same time for every n. `q` is 1 - p, for a p so near 1 that it
    would be rounded. Relative error of the probability below 1e-11 up to n = 1e6, below 1e-6 up to 4e15."""
    q = 1 - p if q is None else q
    if k <= 0:
        return 0.0
    if k > n or p <= 0:
        return -inf
    if q <= 0:
        return 0.0
    if k > n * p:
        return _log_upper(n, k, p, q)
    return log1p(-exp(_log_upper(n, n - k + 1, q, p)))


def log_lower(n: int, k: int, p: float, q: float | None = None) -> float:
    """ln P(Bin(n, p) <= k)."""
    q = 1 - p if q is None else q
    return log_tail(n, n - k, q, p)


def two_sided_fair(n: int, k: int) -> float:
    """Exact two-sided binomial test against 1/2."""
    return min(1.0, 2 * exp(log_tail(n, max(k, n - k), 0.5)))


def clopper_pearson(n: int, k: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a proportion; n > 0."""
    log_half = log((1 - level) / 2)
    low = 0.0 if k == 0 else _probability(_log_odds(n, k, log_half))
    high = 1.0 if k == n else _probability(-_log_odds(n, n - k, log_half))
    return low, high


def _log_odds(n: int, k: int, log_wanted: float) -> float:
    """The ln(p/(1 - p)) at which P(Bin(n, p) >= k) is what is wanted; 0 < k.

    In that variable the logarithm of the tail rises and is concave, so Newton's method finds it from anywhere.
    """
    x = log(k + 0.5) - log(n - k + 0.5)
    for _ in range(MAX_STEPS):
        p, q = _probability(x), _probability(-x)
        tail = log_tail(n, k, p, q)
        step = (log_wanted - tail) / (k * q * exp(log_pmf(n, k, p, q) - tail))
        x += step
        if abs(step) <= RESOLUTION * max(1.0, abs(x)):
            break
    return x


def _probability(log_odds: float) -> float:
    return 1 / (1 + exp(-log_odds)) if log_odds > -700 else 0.0
