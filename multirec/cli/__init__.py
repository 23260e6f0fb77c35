"""The command line: what was typed comes in, a call of the library and an exit code go out.

``main`` is the group of commands; under it one module a command: ``predict``, ``merge``, ``report``, ``evaluate``,
``info``, ``benchmark``, ``train``, ``calibrate``, ``render``.  ``types`` is what their options have in common.
"""
