"""Looks at the report in a browser, where there is one. CI has one."""

import os
import shutil
import subprocess

from harness import check, same

if os.environ.get("CI") or any(map(shutil.which, [os.environ.get("CHROMIUM", "chromium"), "chromium-browser", "google-chrome"])):

    @check
    def browser(_):
        """the report fits a phone, a desk and paper, and can be read in the dark"""
        answer = subprocess.run(["scripts/test-report"], capture_output=True, text=True, timeout=900)
        same((answer.returncode, answer.stderr), (0, ""), answer.stdout)
