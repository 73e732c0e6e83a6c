"""Translation: engines behind one protocol, a memory so that nothing is translated twice, and streams over both."""
