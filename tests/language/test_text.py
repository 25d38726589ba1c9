"""How a study's text falls into statements, clauses and comments, and what words mean where."""

from __future__ import annotations

import pytest

from studyspec.language import parse, parse_expression, tree, write
from studyspec.language.expressions import expression as written
from studyspec.language.format import convert, fmt
from studyspec.source import Refused, Source

HEAD = "study a version 1\nlanguage en\nmodel m 1\n"
YAML_HEAD = 'study: a\nversion: "1"\nlanguage: en\nmodel: m 1\n'


def study(text: str) -> tree.Document:
    return parse(Source("x.study", HEAD + text))


def yaml(text: str) -> tree.Document:
    return parse(Source("x.yaml", YAML_HEAD + text))


def expression(text: str) -> tree.Expr:
    return parse_expression(Source("x", text).span(0, len(text)))


def codes(text: str, suffix: str = "study") -> list[str]:
    with pytest.raises(Refused) as caught:
        parse(Source(f"x.{suffix}", (HEAD if suffix == "study" else YAML_HEAD) + text))
    return [d.code for d in caught.value.diagnostics]


# --- layout ----------------------------------------------------------------------------------------------------------


def test_deeper_indentation_means_nothing() -> None:
    flat = study('cohort c of person\n index first t\n include a where x\n label fi "y"\n')
    deep = study('cohort c of person\n        index first t\n  include a where x\n                label fi "y"\n')
    assert flat == deep
    assert flat.cohorts[0].criteria[0].labels[0].text == "y"


def test_clauses_and_statements_go_on_over_lines_that_begin_no_clause() -> None:
    cohort = "cohort c of\n  person\n  index first t starting\n    during [a,\n  b]\n"
    document = study("define x = a\n    and b\n    or\n      (c\n)\n" + cohort)
    assert document.defines[0].value == expression("a and b or (c)")
    assert document.cohorts[0].index.event == expression("first t starting during [a, b]")


def test_a_clause_word_inside_brackets_begins_no_clause() -> None:
    document = study('define x = (a or\n   label = 1)\n   label fi "l"\n')
    assert document.defines[0].labels[0].text == "l"


def test_labels_before_the_index_are_the_cohorts_and_after_a_criterion_the_criterions() -> None:
    criteria = '  include a where x\n  legal "A"\n  exclude b where y\n'
    document = study('cohort c of p\n  legal "C"\n  index first t\n' + criteria)
    cohort = document.cohorts[0]
    assert [label.text for label in cohort.legal] == ["C"]
    assert [[label.text for label in c.legal] for c in cohort.criteria] == [["A"], []]


def test_a_label_clause_without_a_language_is_the_label_of_the_line() -> None:
    assert study('define x = a\n    # why\n    label "X" # this\n') == study('# why\n# this\ndefine x "X" = a\n')


def test_an_outcome_may_be_a_role() -> None:
    document = study("outcome died\n    death\n    at time zero keep\n")
    assert document.outcomes[0].event == expression("death")
    assert document.outcomes[0].time_zero == tree.AtTimeZero(rule="keep", span=document.span)


def test_statements_may_come_in_any_order_and_are_printed_in_one() -> None:
    document = parse(Source("x.study", 'report attrition\nmodel m 1\ntitle en "T"\nlanguage en\nstudy a version 1\n'))
    assert write(document, "study").split("\n")[0] == "study a version 1"


def test_windows_line_ends_and_a_byte_order_mark_are_read() -> None:
    from studyspec.source import decode

    raw = ("\ufeff" + HEAD + "define x = a # c\n").replace("\n", "\r\n").encode()
    assert parse(decode("x.study", raw)) == study("define x = a # c\n")


# --- words -----------------------------------------------------------------------------------------------------------


def test_words_of_the_language_may_be_names_of_data() -> None:
    query = expression("any study starting during window with label = version")
    assert isinstance(query, tree.Rows)
    assert query.table.text == "study"
    assert expression("days = count") == expression("days  =  count")
    assert expression("end at index") != expression("end of data")


@pytest.mark.parametrize("text", ["report baseline of a bypathway", "report risk of a at 1year", "define x = a andb"])
def test_words_run_together_are_not_taken_apart(text: str) -> None:
    assert len(codes(text)) == 1


def test_language_codes_that_are_words_of_the_language_are_read() -> None:
    document = study('title no "N"\ntitle is "I"\ntitle or "O"\ntitle to "T"\n')
    assert [t.language for t in document.titles] == ["no", "is", "or", "to"]


def test_between_and_and_do_not_quarrel() -> None:
    assert expression("a between 1 and 2 and b") == expression("(a between 1 and 2) and b")


def test_row_queries_and_at_take_a_whole_sum() -> None:
    assert expression("any t before index - 2 years") == expression("any t before (index - 2 years)")
    assert expression("age at index + 1 year") == expression("age at (index + 1 year)")
    assert expression("(age at index) + 1 year") != expression("age at index + 1 year")


def test_not_binds_looser_than_a_comparison_and_tighter_than_and() -> None:
    assert expression("not a = 1 and b") == expression("(not (a = 1)) and b")


def test_and_binds_tighter_than_or() -> None:
    assert expression("a or b and c or d") == expression("a or (b and c) or d")


def test_a_bare_with_holds_one_comparison() -> None:
    assert codes("define x = any t with a = b and c = d") == ["bare-with"]
    assert codes("define x = (any t with a = b or c)") == ["bare-with"]
    assert codes("define x = not any t with a = b and c") == ["bare-with"]
    both = expression("any t with (a = b and c = d)")
    assert isinstance(both, tree.Rows)
    assert isinstance(both.condition, tree.Logic)
    assert isinstance(expression("(any t with a = b) and c = d"), tree.Logic)
    assert isinstance(expression("any t with (a = b) and c = d"), tree.Logic)
    assert isinstance(expression("c = d and any t with a = b"), tree.Logic)


def test_brackets_say_which_ends_are_in() -> None:
    found = [expression(f"any t during {a}x, y{b}") for a in "[(" for b in "])"]
    windows = [node.window for node in found if isinstance(node, tree.Rows)]
    assert [(w.low_closed, w.high_closed) for w in windows if isinstance(w, tree.Interval)] == [
        (True, True), (True, False), (False, True), (False, False),
    ]  # fmt: skip


def test_names_are_the_same_however_they_were_typed() -> None:
    assert study("define ika\u0308 = a") == study("define ik\u00e4 = a")


@pytest.mark.parametrize(
    "name", ["ikä", "возраст", "ηλικία", "年齢", "ひらがな漢字カタカナ", "عمر", "गिनती", "_x1", "한국"]
)
def test_names_use_any_one_alphabet(name: str) -> None:
    assert study(f"define {name} = a").defines[0].name.text == name


@pytest.mark.parametrize("name", ["pаth", "οutcome", "ſtudу", "год_x"])
def test_names_that_mix_alphabets_are_refused(name: str) -> None:
    assert "name-mixed-scripts" in codes(f"define {name} = a")


@pytest.mark.parametrize("text", ['title en "a\u202eb"', "# a\u200bb", "define x\u2066 = a", 'title en "\u00ad"'])
def test_what_cannot_be_seen_is_refused_in_texts_and_comments_too(text: str) -> None:
    assert "invisible-character" in codes(text)
    assert "invisible-character" in codes(text.replace("define x", "x:").replace("title en", "title:"), "yaml")


def identity_code(number: str, separator: str = "A") -> str:
    """An invented code with the right check character."""
    date = "010" + "203"
    return f"{date}{separator}{number}" + "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(date + number) % 31]


@pytest.mark.parametrize(
    "place", ['title en "{}"', "# {}", "define x = a # asked by {}", 'parameter p: text = "x{{}} {}"']
)
def test_identity_codes_are_refused_wherever_they_stand(place: str) -> None:
    assert codes(place.format(identity_code("123"))) == ["identity-code"]
    assert codes(place.format(identity_code("123", "-"))) == ["identity-code"]
    study(place.format(identity_code("923")))


def test_an_escape_does_not_hide_an_identity_code() -> None:
    hidden = identity_code("123").replace("A", "\\u0041", 1)
    assert codes(f'title: {{en: "{hidden}"}}\n', "yaml") == ["identity-code"]


# --- comments --------------------------------------------------------------------------------------------------------

COMMENTED = """\
# about the study
#
#   indented
study a version 1  # its line

language en

model m 1

# about x
define x = a  # why

# about c
cohort c of person  # c itself
    # about the index
    index   first t  # the index
    # about i
    include i where x  # i itself
        legal "L"  # the law

# the end
# of it
"""


def test_comments_stay_with_their_element_in_both_spellings() -> None:
    source = Source("x.study", COMMENTED)
    assert fmt(source) == COMMENTED
    there = convert(source, "yaml")
    assert convert(Source("x.yaml", there), "study") == fmt(source)
    assert fmt(Source("x.yaml", there)) == there
    document = parse(source)
    assert document.header.comments == tree.Comments(("about the study", "", "  indented"), "its line")
    assert document.cohorts[0].index.comments == tree.Comments(("about the index",), "the index")
    assert document.end_comments == ("the end", "of it")


def test_comments_inside_a_statement_that_goes_on_are_kept() -> None:
    document = study("define x = a # one\n    # two\n    and b # three\n")
    assert document.defines[0].comments == tree.Comments(("one", "two"), "three")


def test_a_comment_at_an_event_is_the_outcomes() -> None:
    document = study("outcome o # o\n    # above\n    first t # at it\n    dated at x # d\n")
    assert document.outcomes[0].comments == tree.Comments(("above", "at it"), "o")
    assert document.outcomes[0].dated is not None
    assert document.outcomes[0].dated.comments.after == "d"


def test_a_role_that_would_read_as_a_clause_is_refused_as_an_event() -> None:
    assert codes("outcomes: {o: {event: label}}\n", "yaml") == ["name-reserved"]


def test_a_number_sign_in_a_text_is_no_comment() -> None:
    assert study('title en "a # b" # c').titles[0].text == "a # b"


def test_yaml_comments_are_kept_wherever_they_stand() -> None:
    text = (
        "# top\nparameters: # of the group\n  # about p\n  p: # p itself\n    type: integer # the type\n"
        "    # inside\n    value: | # the block\n      1\ndefine: {x: a} # x itself\n# the end\n"
    )
    document = yaml(text)
    assert document.parameters[0].comments == tree.Comments(
        ("top", "of the group", "about p", "p itself", "the type", "inside"), "the block"
    )
    assert document.defines[0].comments == tree.Comments((), "x itself")
    assert document.end_comments == ("the end",)


# --- YAML ------------------------------------------------------------------------------------------------------------


def test_a_window_may_be_from_and_to() -> None:
    levels = "levels: [{level: l, otherwise: true}]"
    mapping = yaml(f"exposure: {{e: {{during: {{from: index, to: index + 1 day}}, {levels}}}}}\n")
    assert mapping == yaml(f'exposure: {{e: {{during: "[index, index + 1 day)", {levels}}}}}\n')


def test_a_quoted_code_is_that_code_and_an_unquoted_one_is_refused() -> None:
    expected = study('parameter h: code of m = "049"')
    assert yaml('parameters: {h: {type: code of m, value: "049"}}\n') == expected
    assert yaml("parameters: {h: {type: code of m, value: '\"049\"'}}\n") == expected
    assert codes("parameters: {h: {type: code of m, value: 049}}\n", "yaml") == ["code-unquoted"]


def test_texts_of_several_lines_become_one_line() -> None:
    assert yaml("purpose:\n  en: >\n    one\n    two\n\n    three\n").purposes[0].text == "one two three"


def test_an_expression_cut_off_by_a_comment_is_refused_and_a_whole_one_is_not() -> None:
    assert codes('define: {x: code = "a #1"}\n', "yaml") == ["yaml-invalid"]
    assert codes('define:\n  x: code = "a #1"\n', "yaml") == ["yaml-comment-in-expression"]
    assert yaml("define:\n  x: a # b\n").defines[0].comments.after == "b"
    assert yaml('define:\n  x: |\n    code = "a #1"\n').defines[0].value == expression('code = "a #1"')


@pytest.mark.parametrize(
    "word",
    [
        *("is", "known", "unknown", "group", "sum", "smallest", "largest", "distinct", "least", "at", "of"),
        *("days", "count"),
    ],
)
def test_words_of_the_newer_expressions_stay_names(word: str) -> None:
    for text in (
        f"{word} is known",
        f"a in {word}",
        f"{word} = {word} + {word} * 2",
        f"any {word} before {word}",
        f"first {word} of {word} before index",
        f'a in {word} group "x"',
        f'a in groups {word} ("1"), {word} "Label" ("2")',
        f"at least 1 of ({word}, {word} is unknown)",
        f"{word} of residence at index",
    ):
        assert written(expression(text)) == text


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("a * b * c", "(a * b) * c"),
        ("index + 2 years > b", "(index + 2 years) > b"),
        ("a + 1 = b and c", "((a + 1) = b) and c"),
        ("age at index + 1 year", "age at (index + 1 year)"),
        ("code of service at index + 1 day = a", "(code of service at (index + 1 day)) = a"),
    ],
)
def test_products_bind_before_sums_and_a_time_takes_the_whole_sum(text: str, same: str) -> None:
    assert expression(text) == expression(same)
    assert written(expression(same)) == text


@pytest.mark.parametrize("text", ["a - (b - c)", "a * (b + c)", "(age at index) + 1", "(count of service) + 1 > 2"])
def test_parentheses_that_mean_something_are_kept(text: str) -> None:
    assert written(expression(text)) == text


# --- the whole language ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    [
        *("member", "mean", "cases", "that", "state", "spells", "every", "time", "under", "while", "entry", "none"),
        *("union", "except", "merged", "events", "months", "weeks", "policy", "import", "varying", "washout", "seed"),
    ],
)
def test_words_of_the_whole_language_stay_names(word: str) -> None:
    for text in (
        f"{word} = {word} / 2",
        f"any {word} covering {word} with {word} = {word}",
        f"first {word} of {word} before {word}",
        f"{word} of residence at index",
        f'{word} in {word} under "1"',
        f"days from {word} to {word}",
        f"member of {word}",
        f"cases {word} where {word}, b otherwise",
    ):
        assert written(expression(text)) == text
    for text in (
        f"cohort {word} of {word}\n    index   from {word} except {word}\n",
        f"cohort {word} of person\n    index   assigned from {word} matched on {word}, {word} within 2.5 ratio 2\n",
        f"cohort {word} of person\n    index   assigned from {word} matched on {word} within 3 days, {word}\n",
        f"exposure {word} varying\n    level {word} while {word}\n",
        f"state {word}\n    level {word} where {word}\n",
        f"spells {word} = {word} and {word} merged within 1 day\n",
        f"report state of {word} in {word} by {word} at 1 month\n",
        f"follow-up recorded in {word} from {word} to {word}\n",
        f"policy {word}\n",
    ):
        assert text in write(study(text), "study").replace("policy   ", "policy ")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a / b * c", "(a / b) * c"),
        ("a - b / c", "a - (b / c)"),
        ("days from a to b + 1 day > 3", "(days from a to (b + 1 day)) > 3"),
        ("not member of c and d", "(not (member of c)) and d"),
        ("a of b + 1", "(a of b) + 1"),
        ("a of b = c of d", "(a of b) = (c of d)"),
        ("cases a where b or c and d, e otherwise", "cases a where (b or (c and d)), e otherwise"),
    ],
)
def test_what_binds_how(text: str, same: str) -> None:
    assert expression(text) == expression(same)
    assert written(expression(same)) == text


def test_a_column_of_an_entity_with_a_time_is_a_value_at_that_time() -> None:
    assert isinstance(expression("a of b"), tree.Linked)
    assert isinstance(expression("a of b at index"), tree.RowValue)
    assert isinstance(expression("(a of b) at index"), tree.At)
    assert written(expression("(a of b) at index")) == "(a of b) at index"


def spells(text: str) -> tree.SpellExpr:
    return study(f"spells x = {text}").spells[0].value


def test_merged_within_binds_loosest() -> None:
    assert spells("a or b merged within 3 days") == spells("(a or b) merged within 3 days")
    assert spells("a or (b merged within 3 days)") != spells("a or b merged within 3 days")
    assert spells("a with c = 1 merged within 3 days") == spells("(a with c = 1) merged within 3 days")


def test_a_bare_with_of_spells_ends_what_an_operator_could_join() -> None:
    assert spells("b or a with c = 1") == spells("b or (a with c = 1)")
    assert codes("spells x = a with c = 1 or b") == ["bare-with"]
    assert isinstance(spells("a with (c = 1) or b"), tree.SpellLogic)


@pytest.mark.parametrize("text", ["a or b and c", "a and b or c", "a except b or c", "a or b except c"])
def test_operators_of_spells_do_not_mix(text: str) -> None:
    assert codes(f"spells x = {text}") == ["mixed-operators"]
    first, second = text.rsplit(" ", 2)[0], text.rsplit(" ", 2)[1]
    assert isinstance(spells(f"({first}) {second} c"), tree.SpellLogic)


def test_operators_of_cohorts_do_not_mix() -> None:
    assert codes("cohort c of person\n    index from a union b except d\n") == ["mixed-operators"]


def test_a_long_chain_of_spells_is_no_deeper_than_a_short_one() -> None:
    value = spells(" or ".join(f"t{number}" for number in range(2000)))
    assert isinstance(value, tree.SpellLogic)
    assert len(value.operands) == 2000
    assert codes("spells x = " + "(a or " * 80 + "b" + ")" * 80) == ["nested-too-deep"]


def test_levels_belong_to_their_kind_of_statement() -> None:
    window, varying, state = "exposure e during [a, b)\n", "exposure e varying\n", "state e\n"
    for head, refused in ((window, ("from", "while")), (varying, ("where",)), (state, ("from", "while"))):
        for word in refused:
            rest = "first t" if word == "from" else "t"
            assert codes(f"{head}    level l {word} {rest}\n") == ["level-rule"]


def test_a_recorded_follow_up_takes_neither_an_entry_nor_spells() -> None:
    recorded = "follow-up recorded in t from a to b\n"
    assert codes(f"{recorded}    entry at index\n    while t\n") == ["entry-recorded", "entry-recorded"]
    assert codes("follow-up from a to b\n    while t or u\n") == ["syntax"]


def test_what_is_censored_is_said_of_a_recorded_follow_up() -> None:
    recorded = "follow-up recorded in t from a to b\n    censored where c in (1, 2)\n"
    assert recorded in write(study(recorded), "study")
    assert codes("follow-up from a to b\n    censored where c = 1\n") == ["unknown-clause"]


def test_a_period_without_its_window_is_told_so() -> None:
    assert codes("cohort c of person\n    index every month\n") == ["syntax"]
    index = study("cohort c of person\n    index every visit\n").cohorts[0].index
    assert isinstance(index, tree.Index)


@pytest.mark.parametrize("digits", ["", "0" * 63, "0" * 65, "G" * 64, "A" * 64])
def test_a_hash_is_sixty_four_small_hexadecimal_digits(digits: str) -> None:
    assert codes(f'import a from "x.study" sha256 "{digits}"') == ["hash-invalid"]
    assert codes(f'imports: [{{names: [a], from: x.study, sha256: "{digits}"}}]\n', "yaml") == ["hash-invalid"]


def test_no_name_is_imported_twice() -> None:
    line = f'import a from "x.study" sha256 "{"0" * 64}"\n'
    assert codes(line + line.replace("x.", "y.")) == ["repeated-name"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("exposure: {e: {levels: [{level: l, otherwise: true}]}}", "yaml-kind"),
        ("exposure: {e: {varying: true, during: '[a, b)', levels: [{level: l, otherwise: true}]}}", "yaml-kind"),
        ("exposure: {e: {varying: yes, levels: [{level: l, otherwise: true}]}}", "yaml-kind"),
        ("exposure: {e: {varying: true, switch-day events: soon, levels: [{level: l, otherwise: true}]}}", "yaml-kind"),
        ("states: {s: {levels: [{level: l, where: a, otherwise: true}]}}", "yaml-kind"),
        ("states: {s: {levels: [{level: l, from: first t}]}}", "level-rule"),
        ("follow-up: {recorded in: t, to: b, entry at: index}", "yaml-unknown-key"),
        ("follow-up: {recorded in: t, to: b, while: t}", "yaml-unknown-key"),
        ("follow-up: {from: a, to: b, censored: c}", "yaml-unknown-key"),
        ("reports: [{events: {of: a}}]", "yaml-missing-key"),
        ("reports: [{events: {of: a, at: []}}]", "yaml-kind"),
        ("imports: [{names: [a], from: x.study}]", "yaml-missing-key"),
        ("spells: {x: a or b and c}", "mixed-operators"),
    ],
)
def test_the_other_spelling_refuses_the_same(text: str, code: str) -> None:
    assert codes(text + "\n", "yaml") == [code]
