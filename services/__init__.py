"""The steps of the flow: one module per step, one public function per transaction."""
