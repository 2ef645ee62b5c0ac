#!/usr/bin/python3
"""Stands for rpmdumpheader of deltarpm, which Debian's package lacks: applydeltarpm asks it for the header of an installed RPM. rpmdumpheader [-r ROOT] LABEL"""

import sqlite3
import subprocess
import sys

number = subprocess.run(["rpm", "-q", "--qf", "%{DBINSTANCE}", sys.argv[-1]], check=True, stdout=subprocess.PIPE).stdout
database = sqlite3.connect("file:/var/lib/rpm/rpmdb.sqlite?mode=ro", uri=True)
(header,) = database.execute("SELECT blob FROM Packages WHERE hnum = ?", (int(number),)).fetchone()
sys.stdout.buffer.write(bytes.fromhex("8eade80100000000") + header)
