"""What the database itself keeps of the contract's ranges, and how it folds the titles that are searched."""

import unicodedata

import pytest

INSERT = ("INSERT INTO anamnesis.assignment (practice_id, patient_id, questionnaire_id, version, created_by, due_at) "
          "VALUES (%s, %s, %s, 1, %s, {})")


def assigning(world):
    practice = world[0]
    return practice.id, practice.patient.id, practice.questionnaire, practice.staff["owner"].id


@pytest.mark.parametrize("due_at", ["'10000-01-01T00:00:00Z'", "'1999-12-31T23:59:59Z'", "now() + interval '7307 days'"])
def test_a_due_date_out_of_its_range_is_refused(superuser, world, due_at):
    superuser.refused("23514", INSERT.format(due_at), *assigning(world))


@pytest.mark.parametrize("due_at", ["NULL", "'2000-01-01T00:00:00Z'", "now() + interval '20 years'"])
def test_one_at_its_limits_is_not(superuser, world, due_at):
    assert superuser.affected(INSERT.format(due_at), *assigning(world)) == 1


def test_letters_are_the_same_in_every_case_and_however_they_are_composed(superuser):
    """For every character that Python's Unicode knows, by the expression that the column has."""
    expression = superuser.one("SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d JOIN pg_attribute a ON "
                               "a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE a.attname = 'title_folded'")

    def folded(texts):
        return superuser.one(f"SELECT array_agg({expression} ORDER BY number) FROM unnest(%s::text[]) WITH ORDINALITY AS "
                             "one(title, number)", texts)
    letters = [chr(code) for code in range(1, 0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Co", "Cs")]
    for way in (str.casefold, str.lower, str.upper, str.title, lambda text: unicodedata.normalize("NFC", text),
                lambda text: unicodedata.normalize("NFD", text)):
        changed = {letter: way(letter) for letter in letters if way(letter) != letter}
        assert len(changed) > 1000
        before, after = folded(list(changed)), folded(list(changed.values()))
        assert [letter for letter, one, other in zip(changed, before, after) if one != other] == []
    assert folded(["Straße", "ΟΔΟΣ", "Ärztin"]) == folded(["STRASSE", "οδος", "A\u0308RZTIN"])
    assert len(set(folded(["a", "b", "ä", "ss", "s"]))) == 5
