"""The library behind the companion book: data, simulation, methods, detection, evaluation.

Imports run one way: ``data``/``simulate`` -> ``decompose`` -> ``forecast`` -> ``detect`` ->
``pipelines`` -> ``evaluate`` -> ``report``; ``context`` serves them all, and ``report`` and
``companion`` are used by notebooks and the command line alone.
"""

__version__ = "0.1.0"
