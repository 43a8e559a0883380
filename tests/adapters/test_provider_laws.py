"""Laws of the simulated provider, for any calls in any order, repeated and mixed up."""

from hypothesis import given, settings
from hypothesis import strategies as st

from store_engine.adapters.simulated_provider import SimulatedProvider
from store_engine.adapters.sqlite_bank_ledger import SqliteLedger
from store_engine.errors import EffectError

KEYS = [f"k{n}" for n in range(5)]

keys, amounts = st.sampled_from(KEYS), st.integers(1, 100)
tokens = st.sampled_from(["tok_ada", "tok_declined", "tok_limit_50", "tok_refund_declined"])
on_hold = st.sampled_from([f"ho_{key}" for key in KEYS])
on_capture = st.sampled_from([f"ca_{key}" for key in KEYS])


def calls_of(kind, **arguments):
    return st.tuples(st.just(kind), st.fixed_dictionaries({"key": keys, **arguments}))


authorising = calls_of("authorise", method=tokens, amount=amounts, currency=st.just("JPY"))
capturing = calls_of("capture", hold=on_hold, amount=amounts)
refunding = calls_of("refund", capture=on_capture, amount=amounts)
releasing = calls_of("release", hold=on_hold)
adjusting = calls_of("adjust", hold=on_hold, amount=amounts)
anything = st.one_of(authorising, capturing, refunding, releasing, adjusting)
# Holds first and captures next, so that the rest has something to act on; then in any order.
histories = st.tuples(
    st.lists(authorising, max_size=3),
    st.lists(capturing, max_size=3),
    st.lists(refunding, max_size=3),
    st.lists(anything, max_size=10),
).map(lambda parts: [call for part in parts for call in part])


def ask(provider, call):
    kind, arguments = call
    try:
        return getattr(provider, kind)(**arguments)
    except EffectError as error:
        return str(error)


def told(history, provider=None):
    provider = provider or SimulatedProvider(now_us=lambda: 0)
    return [ask(provider, call) for call in history], provider.ledger


@given(history=histories)
def test_every_call_made_twice_is_a_call_made_once(history):
    once, ledger = told(history)
    twice, same = told([call for call in history for _ in range(2)])
    assert twice[1::2] == once == twice[::2]
    assert same.operations() == ledger.operations()


@given(history=histories)
def test_an_answer_under_a_key_is_given_again_whatever_came_later(history):
    answers, ledger = told(history)
    again, _ = told(history, SimulatedProvider(ledger, now_us=lambda: 0))
    for first, second in zip(answers, again, strict=True):
        assert first == second or isinstance(first, str)


@given(history=histories)
def test_nobody_takes_more_than_was_held_or_gives_back_more_than_was_taken(history):
    _, ledger = told(history)
    for hold in ledger.holds():
        assert 0 <= hold.refunded <= hold.captured <= hold.held
        assert (hold.captured > 0) == (hold.state == "captured")


@given(history=histories)
def test_the_holds_are_the_sum_of_the_operations(history):
    _, ledger = told(history)
    moved = {"capture": 0, "refund": 0}
    for operation in ledger.operations():
        if operation.kind in moved:
            moved[operation.kind] += operation.moved
    assert moved["capture"] == sum(hold.captured for hold in ledger.holds())
    assert moved["refund"] == sum(hold.refunded for hold in ledger.holds())


@given(history=histories)
def test_what_was_answered_is_found_by_its_key(history):
    answers, ledger = told(history)
    provider = SimulatedProvider(ledger)
    for call, answer in zip(history, answers, strict=True):
        if not isinstance(answer, str):
            assert provider.find(key=call[1]["key"]) == answer


def test_memory_and_file_answer_alike(tmp_path_factory):
    @settings(max_examples=25)
    @given(history=histories)
    def alike(history):
        file = SqliteLedger(tmp_path_factory.mktemp("bank") / "bank.sqlite")
        answers, ledger = told(history)
        assert told(history, SimulatedProvider(file, now_us=lambda: 0))[0] == answers
        assert (file.operations(), file.holds()) == (ledger.operations(), ledger.holds())
        file.close()

    alike()
