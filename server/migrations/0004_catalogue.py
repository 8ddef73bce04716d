"""Catalogue: places, items with their guides, the day table, and what search needs."""

import csv
from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops

PLACES = """
CREATE TABLE region (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    code text NOT NULL CONSTRAINT region_code_key UNIQUE
        CONSTRAINT region_code_check CHECK (code ~ '^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$'),
    name text NOT NULL,
    level smallint NOT NULL CONSTRAINT region_level_check CHECK (level BETWEEN 1 AND 5),
    parent_code text REFERENCES region (code),
    CONSTRAINT region_parent_check CHECK ((level = 1) = (parent_code IS NULL))
);
CREATE INDEX region_parent_index ON region (parent_code);
CREATE TABLE department (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    key text NOT NULL CONSTRAINT department_key_key UNIQUE,
    name text NOT NULL,
    uscc text CONSTRAINT department_uscc_key UNIQUE
        CONSTRAINT department_uscc_check CHECK (uscc ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),
    region_code text NOT NULL REFERENCES region (code),
    phone text,
    sample boolean NOT NULL DEFAULT false,
    CONSTRAINT department_name_key UNIQUE (region_code, name)
);
CREATE TABLE hall (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    key text NOT NULL CONSTRAINT hall_key_key UNIQUE,
    name text NOT NULL,
    kind text NOT NULL CONSTRAINT hall_kind_check CHECK (kind IN
        ('hall', 'town_centre', 'village_point', 'partner_point', 'kiosk', 'locker_bank')),
    region_code text NOT NULL REFERENCES region (code),
    address text NOT NULL,
    phone text,
    hours_text text NOT NULL,
    latitude double precision CONSTRAINT hall_latitude_check CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision CONSTRAINT hall_longitude_check CHECK (longitude BETWEEN -180 AND 180),
    sample boolean NOT NULL DEFAULT false
);
CREATE INDEX hall_region_index ON hall (region_code);
CREATE TABLE "window" (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    hall_id uuid NOT NULL REFERENCES hall (id),
    number smallint NOT NULL CONSTRAINT window_number_check CHECK (number > 0),
    name text NOT NULL,
    skills text[] NOT NULL,
    open boolean NOT NULL DEFAULT true,
    CONSTRAINT window_number_key UNIQUE (hall_id, number)
);
"""

ITEMS = """
CREATE TABLE item (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    code text NOT NULL CONSTRAINT item_code_key UNIQUE
        CONSTRAINT item_code_check CHECK (length(code) BETWEEN 1 AND 100),
    local_code text,
    name text NOT NULL CONSTRAINT item_name_check CHECK (length(name) BETWEEN 1 AND 200),
    kind text NOT NULL CONSTRAINT item_kind_check CHECK (kind ~ '^[0-9]{2}$'),
    department_id uuid NOT NULL REFERENCES department (id),
    region_code text NOT NULL REFERENCES region (code),
    implementer text CONSTRAINT item_implementer_check CHECK (implementer ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),
    audience text[] NOT NULL,
    themes text[] NOT NULL DEFAULT '{}',
    heat integer NOT NULL DEFAULT 0,
    active boolean NOT NULL DEFAULT true,
    sample boolean NOT NULL DEFAULT false,
    source text NOT NULL DEFAULT '',
    guide_id uuid,
    tags text[] NOT NULL DEFAULT '{}',
    visits smallint,
    promise_days smallint,
    handling text,
    online boolean NOT NULL DEFAULT false,
    bookable boolean NOT NULL DEFAULT false,
    skill text,
    CONSTRAINT item_guide_check CHECK (guide_id IS NOT NULL OR NOT (online OR bookable))
);
CREATE INDEX item_order_index ON item (heat DESC, id) WHERE active;
CREATE INDEX item_department_index ON item (department_id);
CREATE TABLE guide (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    item_id uuid NOT NULL REFERENCES item (id),
    version integer NOT NULL CONSTRAINT guide_version_check CHECK (version > 0),
    state text NOT NULL CONSTRAINT guide_state_check CHECK (state IN ('scheduled', 'published', 'superseded')),
    content jsonb NOT NULL,
    reason text NOT NULL CONSTRAINT guide_reason_check CHECK (reason <> ''),
    effective_on date NOT NULL,
    published_at timestamptz NOT NULL,
    published_by uuid,
    CONSTRAINT guide_version_key UNIQUE (item_id, version)
);
CREATE UNIQUE INDEX guide_published_key ON guide (item_id) WHERE state = 'published';
CREATE UNIQUE INDEX guide_scheduled_key ON guide (item_id) WHERE state = 'scheduled';
ALTER TABLE item ADD CONSTRAINT item_guide_fkey FOREIGN KEY (guide_id) REFERENCES guide (id);
CREATE FUNCTION guide_keeps_its_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A case refers to a version for years: only the state of a version may move, and only onwards.
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - 'state') <> (to_jsonb(OLD) - 'state')
        OR (OLD.state, NEW.state) NOT IN (
            ('scheduled', 'scheduled'), ('scheduled', 'published'), ('scheduled', 'superseded'),
            ('published', 'published'), ('published', 'superseded'), ('superseded', 'superseded')) THEN
        RAISE EXCEPTION 'a guide version never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guide_keeps_its_words BEFORE UPDATE OR DELETE ON guide
    FOR EACH ROW EXECUTE FUNCTION guide_keeps_its_words();
"""

DAYS = """
CREATE TABLE calendar_day (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    day date NOT NULL CONSTRAINT calendar_day_day_key UNIQUE,
    working boolean NOT NULL,
    name text,
    source text NOT NULL,
    provisional boolean NOT NULL DEFAULT false
);
"""

SEARCH = """
CREATE TABLE synonym (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    word text NOT NULL,
    means text NOT NULL,
    CONSTRAINT synonym_word_key UNIQUE (word, means)
);
CREATE TABLE search_index (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    item_id uuid NOT NULL CONSTRAINT search_index_item_key UNIQUE REFERENCES item (id) ON DELETE CASCADE,
    standing bigint NOT NULL,
    plain text NOT NULL,
    initials text NOT NULL,
    pinyin text NOT NULL,
    words tsvector NOT NULL
);
CREATE INDEX search_index_words_index ON search_index USING gin (words) WITH (fastupdate = off);
CREATE INDEX search_index_plain_index ON search_index (plain text_pattern_ops);
CREATE INDEX search_index_standing_index ON search_index (standing DESC, item_id);
CREATE FUNCTION search_candidates(question tsquery, most integer)
RETURNS TABLE (item_id uuid, standing bigint, plain text, initials text, pinyin text)
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
BEGIN
    -- Only a bitmap scan gives rows as they lie, which is by standing after a reorder, and reads no words at all. The
    -- planner would take a sequential scan for a frequent word.
    RETURN QUERY SELECT s.item_id, s.standing, s.plain, s.initials, s.pinyin FROM search_index s
        WHERE s.words @@ question LIMIT most;
END $$;
CREATE TABLE search_miss (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    query text NOT NULL CONSTRAINT search_miss_query_key UNIQUE
        CONSTRAINT search_miss_query_check CHECK (length(query) BETWEEN 1 AND 30),
    times integer NOT NULL DEFAULT 1,
    last_at timestamptz NOT NULL
);
"""

# Regions are the product's own data; later ones come with `keep_reference` of the catalogue's tasks.
FILL_REGIONS = """
INSERT INTO region (id, created_at, code, name, level, parent_code)
SELECT gen_random_uuid(), now(), code, name,
    CASE length(code) WHEN 2 THEN 1 WHEN 4 THEN 2 WHEN 6 THEN 3 WHEN 9 THEN 4 ELSE 5 END,
    CASE length(code) WHEN 2 THEN NULL WHEN 4 THEN left(code, 2) WHEN 6 THEN left(code, 4) WHEN 9 THEN left(code, 6)
        ELSE left(code, 9) END
FROM unnest($1::text[], $2::text[]) AS shipped (code, name) ORDER BY length(code)
"""

BACKWARD = """
ALTER TABLE item DROP CONSTRAINT item_guide_fkey;
DROP TABLE search_miss, search_index, synonym, calendar_day, guide, item, "window", hall, department, region;
DROP FUNCTION guide_keeps_its_words();
DROP FUNCTION search_candidates(tsquery, integer);
"""


_REGIONS = Path(__file__).resolve().parent.parent / "features" / "catalogue" / "data" / "regions.csv"


def _regions() -> list[list[str]]:
    with _REGIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [[row["code"] for row in rows], [row["name"] for row in rows]]


class Migration(migrations.Migration):
    """Tables of the catalogue."""

    dependencies = [("server", "0003_identity")]  # noqa: RUF012 - the runner reads this name
    operations = [  # noqa: RUF012 - as above
        ops.RunSQL(PLACES + ITEMS + DAYS + SEARCH, BACKWARD),
        ops.RunSQL([(FILL_REGIONS, _regions())], ops.RunSQL.noop),
    ]
