"""What the kernel alone takes for a send() to one recipient: `python -m bench.kernel`.

A server that sends once per event and recipient cannot be cheaper per delivery than the first row; one that joins what
a recipient is owed pays the last column.
"""

import json
import subprocess

from bench import results
from bench.candidates import build
from bench.results import table


def main() -> None:
    told = subprocess.run([str(build("sendcost"))], capture_output=True, text=True, check=True).stdout
    costs: dict[str, float] = json.loads(told)
    results.save({"phase": "kernel", "name": f"{frames} frames", "us": us} for frames, us in costs.items())
    rows = [[frames, f"{us:.2f}", f"{us / int(frames):.3f}"] for frames, us in costs.items()]
    print(table(["frames of 130 bytes per send()", "us per send()", "us per frame"], rows))


if __name__ == "__main__":
    main()
