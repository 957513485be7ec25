"""The API of a node: GraphQL over HTTP and WebSocket, and the plain routes of devices, health and sign-in."""
