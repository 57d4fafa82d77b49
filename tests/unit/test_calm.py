import gc

from core.imap import calm


def test_calm_lasts_until_nobody_wants_it():
    usual = gc.get_threshold()
    calm.begin()
    calm.begin()
    calm.end()
    assert gc.get_threshold() == calm.RARELY
    calm.end()
    assert gc.get_threshold() == usual
