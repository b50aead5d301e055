from __future__ import annotations

import numpy as np
import pytest

from gtview.generation.locations import place_units
from gtview.generation.problems import RecipeError
from gtview.generation.recipe_units import Locations
from gtview.generation.seeds import Seeds

COLUMN = np.column_stack([np.zeros(100), 20.0 * np.arange(100)]).astype(np.float32)
ONE = np.zeros(100, np.int32)


def placed(n, positions=COLUMN, shanks=ONE, seed=0, **wish):
    return place_units(n, positions, shanks, Locations.model_validate(wish), Seeds(seed))


def test_that_units_lie_within_the_margin_and_the_depths():
    places = placed(500, margin_um=30, z_um=(7, 9), minimum_distance_um=None).locations_um
    assert places.dtype == np.float32
    assert places[:, 0].min() >= -30
    assert places[:, 0].max() <= 30
    assert places[:, 1].min() >= -30
    assert places[:, 1].max() <= 2010
    assert places[:, 2].min() >= 7
    assert places[:, 2].max() <= 9


def test_that_the_distance_is_kept_or_told():
    placement = placed(60, minimum_distance_um=15)
    gaps = np.linalg.norm(
        placement.locations_um[:, None] - placement.locations_um[None], axis=2
    ) + 1e9 * np.eye(60)
    assert gaps.min() >= 15
    assert placement.warnings == ()
    crowded = placed(2000, minimum_distance_um=100)
    assert "of 2000 units are nearer than 100 um" in crowded.warnings[0]
    with pytest.raises(RecipeError, match=r"minimum_distance_um cannot be kept"):
        placed(2000, minimum_distance_um=100, is_distance_strict=True)


def test_that_layers_are_where_those_of_spikeinterface_are():
    places = placed(
        20_000, distribution="by layer", n_modes=3, margin_um=0, minimum_distance_um=None
    ).locations_um
    counts, _ = np.histogram(places[:, 1] / 1980, 16, (0, 1))
    for centre in (0.25, 0.5, 0.75):
        assert counts[int(16 * centre)] > 3 * counts[int(16 * (centre - 0.125))]
    from scipy.stats import ks_2samp
    from spikeinterface.core.generate import generate_unit_locations

    theirs = generate_unit_locations(
        20_000,
        COLUMN,
        margin_um=0,
        minimum_distance=None,
        distribution="multimodal",
        num_modes=3,
        seed=0,
    )
    assert ks_2samp(places[:, 1], theirs[:, 1]).pvalue > 1e-3


def test_that_units_stay_near_their_shank_and_share_them_evenly():
    shanks = np.repeat([0, 1, 2], 100).astype(np.int32)
    positions = np.concatenate([COLUMN + np.array([500, 0]) * s for s in range(3)]).astype(
        np.float32
    )
    places = placed(30, positions, shanks, margin_um=20).locations_um
    nearest = np.rint(places[:, 0] / 500)
    assert (np.abs(places[:, 0] - 500 * nearest) <= 20).all()
    np.testing.assert_array_equal(np.bincount(nearest.astype(int)), [10, 10, 10])
    anywhere = placed(300, positions, shanks, per_shank=False).locations_um
    assert (np.abs(anywhere[:, 0] - 250) < 100).any()


def test_that_depths_from_the_probe_may_be_listed():
    places = placed(3, z_um={"values": [10, 20, 30]}, minimum_distance_um=100).locations_um
    np.testing.assert_array_equal(places[:, 2], [10, 20, 30])


def test_that_places_may_be_listed():
    listed = [[1, 2, 3], [4, 5, 6]]
    places = placed(2, distribution="explicit", explicit_um=listed).locations_um
    np.testing.assert_array_equal(places, listed)
