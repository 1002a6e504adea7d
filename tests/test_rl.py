"""The environment by Gymnasium's own check, its seeds and splits, and its energy against the verbs'."""

import warnings

import numpy as np
import pytest

import thermal as th
from thermal.errors import InputError
from thermal.rl import CoolingEnv, register
from thermal.units import MW

gymnasium = pytest.importorskip("gymnasium", reason="extra rl")

SITE = th.load("sites/warm_water_20mw").scaled(1.816 * MW)
YEAR = th.weather(th.load("climates/chicago"), seed=7)


def _env(**more):
    return CoolingEnv(SITE, YEAR, **({"T_low": 30.0, "T_high": 44.0, "sample": 600.0, "length": 2400.0} | more))


def test_gymnasium_has_no_complaint():
    from gymnasium.utils.env_checker import check_env

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on the spec, which make() would give
        check_env(_env(), skip_render_check=True)


def _episode(env, seed, actions):
    seen, info = env.reset(seed=seed)
    rows = [(seen, 0.0, info)]
    for action in actions:
        seen, reward, terminated, truncated, info = env.step(np.array([action], np.float32))
        rows.append((seen, reward, info))
    return rows, terminated, truncated


def test_a_seed_repeats_an_episode_and_another_does_not():
    actions = [0.2, 0.5, -0.3, 0.0]
    one, terminated, truncated = _episode(_env(), 3, actions)
    two, *_ = _episode(_env(), 3, actions)
    other, *_ = _episode(_env(), 4, actions)
    assert (terminated, truncated) == (False, True)
    for (a, r, _), (b, s, _) in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)
        assert r == s
    assert not np.array_equal(one[-1][0], other[-1][0])


def test_splits_share_no_day():
    train, test = set(_env(split="train").days), set(_env(split="test").days)
    assert not train & test
    assert len(train) + len(test) == 364
    assert 65 <= len(test) <= 77
    _, info = _env(split="test").reset(seed=1)
    assert info["day"] in test


def test_the_set_point_moves_no_faster_than_allowed_and_the_reward_is_the_energy():
    env = _env()
    env.reset(seed=1, options={"day": 190, "load": 5})
    before = env.T_set
    _, reward, *_, info = env.step(np.array([-1.0], np.float32))
    assert info["T_set"] == pytest.approx(before - 10.0 * 1.0)  # ten minutes at a kelvin a minute
    assert reward == pytest.approx(-info["cooling_power"] / (0.1 * SITE.it_power), rel=1e-12)
    assert info["margin"] > env.margin


def test_many_at_once():
    name = register()
    many = gymnasium.make_vec(
        name, num_envs=2, vectorization_mode="sync", site=SITE, weather=YEAR, sample=600.0, length=1200.0
    )
    seen, _ = many.reset(seed=[1, 2])
    assert seen.shape == (2, 9)
    seen, reward, *_ = many.step(np.zeros((2, 1), np.float32))
    assert reward.shape == (2,)
    many.close()


def test_what_cannot_be_used_is_named():
    for more, words in (({"split": "all"}, "train"), ({"sample": 90.0}, "whole minutes"), ({"T_high": 20.0}, "T_high"),
                        ({"length": 1000.0}, "whole samples")):  # fmt: skip
        with pytest.raises(InputError, match=words):
            _env(**more)
    with pytest.raises(InputError, match="whole year"):
        CoolingEnv(SITE, YEAR.isel(time=slice(0, 100)))
    with pytest.raises(InputError, match="reset comes before"):
        _env().step(np.zeros(1, np.float32))
