"""Carrying out a job: order, scheduler, runner, retry decision and journal; knows neither workbooks nor PM, the package's door joins them."""
