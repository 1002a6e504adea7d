"""What a function depends on: followed two calls down, through closures too, and never without end."""

from thermal.study.fingerprint import fingerprint


def over(inner):
    return lambda x: inner(x) + 1


def test_a_change_two_calls_down_is_seen():
    double, treble = (lambda x: 2 * x), (lambda x: 3 * x)
    assert fingerprint(over(over(double))) == fingerprint(over(over(double)))
    assert fingerprint(over(double)) != fingerprint(over(treble))
    assert fingerprint(over(over(double))) != fingerprint(over(over(treble)))


def test_a_function_that_calls_itself_has_an_end():
    def countdown():
        def f(n):
            return f(n - 1) if n else 0

        return f

    assert fingerprint(countdown()) == fingerprint(countdown())
