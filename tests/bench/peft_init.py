# SPDX-License-Identifier: GPL-3.0-or-later
"""Seconds that PEFT takes to initialise.   peft_init.py MODEL pissa|pissa_niter_4"""
import json
import sys

import peft_model

_, seconds = peft_model.adapted(peft_model.load(sys.argv[1]), sys.argv[2])
print(json.dumps({'seconds': seconds}))
