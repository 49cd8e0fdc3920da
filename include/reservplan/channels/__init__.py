"""How alerts leave: by mail, or through any service that apprise knows. A channel is an Airflow connection's name."""

from reservplan.channels.delivering import Delivery, Missed, deliver
from reservplan.channels.facts import ChannelFacts, channel_from_environment, missing_channel
from reservplan.channels.faults import Fault

__all__ = ["ChannelFacts", "Delivery", "Fault", "Missed", "channel_from_environment", "deliver", "missing_channel"]
