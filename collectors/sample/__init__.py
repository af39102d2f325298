"""Which channel is this? The sample: an invented brand that is replayed, and answered into a log."""

from __future__ import annotations

from collectors.protocol import ChannelSetup, Manifest
from collectors.registry import manifest
from collectors.sample.client import SampleNetwork
from collectors.sample.collector import SampleCollector
from collectors.sample.publisher import SamplePublisher


class SampleChannel:
    """Builds both directions of the sample; neither needs an account or a secret."""

    @property
    def manifest(self) -> Manifest:
        """What the manifest file says."""
        return manifest("sample")

    def collector(self, setup: ChannelSetup) -> SampleCollector:
        """Listens to the story, which starts at the first fetch from this data directory."""
        return SampleCollector(SampleNetwork(setup.data_dir, setup.clock))

    def publisher(self, setup: ChannelSetup) -> SamplePublisher:
        """Answers into this data directory's log."""
        return SamplePublisher(SampleNetwork(setup.data_dir, setup.clock))

    def restart(self, setup: ChannelSetup) -> None:
        """Forget the start and every published reply, so that the story begins again."""
        SampleNetwork(setup.data_dir, setup.clock).restart()


channel = SampleChannel()
