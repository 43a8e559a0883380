"""Simulated sensors: a `Scene` goes in, what the edge of a store hears comes out."""

from sim.sensors.plan import CameraPlan, GatePlan, SensorPlan, TrackerPlan, WeightsPlan
from sim.sensors.play import play

__all__ = ["CameraPlan", "GatePlan", "SensorPlan", "TrackerPlan", "WeightsPlan", "play"]
