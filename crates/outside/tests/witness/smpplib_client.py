"""An SMPP client that is not ours, smpplib, against the SMSC on a port.

    smpplib_client.py PORT

Submits a long text in UCS-2 and a long one in the GSM alphabet, both cut by smpplib, and waits for
their receipts and for one message from a phone. Prints a line of JSON for everything that comes.
"""

import json
import logging
import sys
import time

import smpplib.client
import smpplib.gsm

KAZAKH = "1414: Сізге көпбалалы отбасы жәрдемақысы тағайындалуы мүмкін 👍. " * 3
LATIN = "1414: Sizge zhardemaqy taghaiyndaluy mumkin [1] {2} €. " * 4


def main():
    logging.disable(logging.CRITICAL)
    tell = lambda **what: print(json.dumps(what), flush=True)
    client = smpplib.client.Client("127.0.0.1", int(sys.argv[1]), timeout=1, allow_unknown_opt_params=True)
    wanted = {"sent": 0, "receipts": 0, "messages": 0}

    def sent(pdu):
        wanted["sent"] += 1
        tell(what="sent", id=pdu.message_id.decode(), status=pdu.status)

    def received(pdu):
        receipt = pdu.esm_class & 0x04
        wanted["receipts" if receipt else "messages"] += 1
        if receipt:
            tell(what="receipt", id=pdu.receipted_message_id.decode(), state=pdu.message_state,
                 text=pdu.short_message.decode())
        else:
            text = pdu.short_message.decode("utf-16-be" if pdu.data_coding == 8 else "ascii")
            tell(what="message", source=pdu.source_addr.decode(), text=text)
        return 0

    client.set_message_sent_handler(sent)
    client.set_message_received_handler(received)
    client.connect()
    client.bind_transceiver(system_id="family-card", password="secret")
    tell(what="bound")
    total = 0
    for text in (KAZAKH, LATIN):
        parts, coding, message_class = smpplib.gsm.make_parts(text)
        total += len(parts)
        for part in parts:
            client.send_message(
                source_addr_ton=3,
                source_addr_npi=0,
                source_addr="1414",
                dest_addr_ton=1,
                dest_addr_npi=1,
                destination_addr="77011234567",
                short_message=part,
                data_coding=coding,
                esm_class=message_class,
                registered_delivery=True,
            )
        tell(what="submitted", text=text, parts=len(parts))
    deadline = time.monotonic() + 20
    while wanted != {"sent": total, "receipts": total, "messages": 1}:
        if time.monotonic() > deadline:
            sys.exit(f"not all came: {wanted} of {total}")
        client.read_once(auto_send_enquire_link=True)
    client.unbind()
    client.disconnect()
    tell(what="done")


main()
