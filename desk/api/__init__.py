"""The interface for the firm's own tools, under /api/v1: read only, by token, described in OpenAPI."""
