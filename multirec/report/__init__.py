"""A page to look at predictions and correct them: one HTML file that needs nothing else (extra ``report``).

``multirec.outputs.rows`` reads the CSV, ``places`` finds the images, ``pictures`` scales them, ``plots`` draws the
figures and ``page`` puts all of it into ``template.html`` with ``style.css`` and ``script.js``.
"""
