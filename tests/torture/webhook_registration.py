"""Faults at the sixth call, update_webhook, which the daemon makes for POST /v1/register-webhook."""

import json

from catalogue import ACCEPTED, EITHER, IGNORED, LONE, REFUSED, all_faults
from faulty_proxy import Assignment, FaultyProxy
from misbehaviour_runner import peak

FAMILIES = ("connection", "framing", "flood", "status", "redirect")
NO_JSON = {"blank", "HTML", "JSON, cut", "two JSON documents", "JSON in an array", "JSON in a string", "UTF-16", "invalid UTF-8",
           "NUL after it", "nested 100,000 deep", "a string of 10 MiB", "JSON and a word", "a comma too many"}


def applicable_faults():
    """The faults that apply: not those about the session an answer names."""
    return [Assignment(fault, "update_webhook") for fault in all_faults()
            if fault.impact != LONE and fault.name != "answers out of step" and (fault.family in FAMILIES or fault.name in NO_JSON)]


def expected_at_registration(fault):
    """The expected outcome here. Any 2xx is a success; the body does not matter."""
    if fault.expected == REFUSED and (fault.name.startswith(("204", "206", "encoded", "millions")) or fault.name in NO_JSON):
        return EITHER
    return REFUSED if fault.family in ("status", "redirect") and fault.expected != EITHER else fault.expected


def run_registrations(runner, some):
    """POST /v1/register-webhook returns 200 with BankConnect's body, or 502 with the error."""
    world = runner.new_world('webhook.public_url = "https://hooks.example/bankconnect"\n')
    proxy = FaultyProxy(world.sandbox_port)
    world.upstream_url = proxy.url
    wrong = []
    try:
        world.start_daemon()
        memory = peak(world)
        for assignment in some:
            proxy.registration = assignment
            status, answer = world.request("POST", "/v1/register-webhook")
            fault = assignment.fault
            expected = expected_at_registration(fault)
            found = json.loads(answer) if answer else None
            label = f"{fault.family}: {fault.name}, at update_webhook: {status} {answer[:200]}"
            error = (found or {}).get("error") if status != 200 else None
            runner.error_report.add(fault, "update_webhook", [error["code"]] if error else [], [error["message"]] if error else [])
            if expected == REFUSED and (status != 502 or not error or not error["code"]):
                wrong.append(f"{label}: not refused with a reason")
            if expected == ACCEPTED and (status != 200 or found != {"message": "success"}):
                wrong.append(f"{label}: refused")
            if expected in (EITHER, IGNORED) and status not in (200, 502):
                wrong.append(label)
        proxy.registration = None
        status, _ = world.request("POST", "/v1/register-webhook")
        if status != 200:
            wrong.append(f"registering fails without a fault, too: {status}")
        return wrong + runner.final_checks(world, proxy, {}, memory)
    finally:
        world.end()
        proxy.end()
