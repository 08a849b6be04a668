"""What a person gives to call an operation, and the request that it makes: for the command line and for the console.

syncLead and getLead have forms of their own there; everything else is in these tables, an entry an operation.
"""

from __future__ import annotations

from collections.abc import Mapping

from mockmkto.soap.forms import leads, lists, objects
from mockmkto.soap.forms.form import Argument, Form, FormError, request_of

__all__ = ["FORMS", "Argument", "Form", "FormError", "request_of"]

FORMS: Mapping[str, Form] = {form.operation: form for form in (*leads.FORMS, *lists.FORMS, *objects.FORMS)}
"""Every operation but syncLead and getLead, in the order of the help."""
