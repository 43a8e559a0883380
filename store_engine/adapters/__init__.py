"""What touches the world: brokers, files, databases, payment providers.

Each adapter keeps one promise of `store_engine.ports`; only `store_engine.app` chooses them.
"""
