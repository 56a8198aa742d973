"""Deterministic simulation: the real loop, log protocol, conversation and clients in one seeded world of virtual time.

A seed decides every delay, crash, cut and repeat. The same seed gives the same history, so a failure is a number.
"""

from gamekeeper.testing.simulation.cluster import ClusterReport, simulate_cluster
from gamekeeper.testing.simulation.life import ClusterParts
from gamekeeper.testing.simulation.reference import Violation
from gamekeeper.testing.simulation.world import Parts, Report, simulate

__all__ = ["ClusterParts", "ClusterReport", "Parts", "Report", "Violation", "simulate", "simulate_cluster"]
