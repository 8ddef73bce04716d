"""Search answers each keystroke with one statement whose plan is kept; everyday words and halls can be spelt out."""

from tortoise import migrations
from tortoise.migrations import operations as ops

SPOKEN = """
ALTER TABLE hall ADD COLUMN pinyin text NOT NULL DEFAULT '';
ALTER TABLE synonym ADD COLUMN pinyin text NOT NULL DEFAULT '';
DROP FUNCTION search_candidates(tsquery, integer);
DROP INDEX search_index_plain_index;
CREATE INDEX search_index_plain_index ON search_index (plain text_pattern_ops) INCLUDE (standing, item_id);
"""

# The very name comes first (0), then names that begin so (1), then those that hold the words (2); within a rank the
# most used. The first two have an arm of their own: a popular word must not crowd out the very name. Frequent words
# fill a page from the most used items alone, read in order and only as far as needed (`hot`). Rare ones do not, but
# have few rows in the index: there `few` are looked at, and `many` when they do not fill the page. Only a bitmap scan
# gives rows as they lie, which is by standing after a reorder, so sequential scans are off; plans are made once a
# connection.
FIND = """
CREATE FUNCTION search_front(key text, beyond text)
RETURNS TABLE (rank integer, low bigint, item_id uuid)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY SELECT CASE WHEN s.plain = key THEN 0 ELSE 1 END, -s.standing, s.item_id FROM search_index s
        WHERE s.plain ~>=~ key AND s.plain ~<~ beyond LIMIT 100;
END $$;
CREATE FUNCTION search_names(
    key text, beyond text, narrowed tsquery, question tsquery,
    likes text[], initials1 text, spoken1 text[], initials2 text, spoken2 text[],
    or1 text[], or2 text[], or3 text[], or4 text[], or5 text[],
    from_rank integer, from_low bigint, from_id uuid, wanted integer,
    hot integer, few integer, many integer
) RETURNS TABLE (rank integer, low bigint, item_id uuid, name text, pinyin text)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
    ranks integer[];
    lows bigint[];
    ids uuid[];
    front_ids uuid[];
    front_ranks integer[];
    front_lows bigint[];
    most integer;
    met integer;
BEGIN
    SELECT array_agg(f.item_id), array_agg(CASE WHEN f.plain = key THEN 0 ELSE 1 END), array_agg(-f.standing)
    INTO front_ids, front_ranks, front_lows FROM (
        SELECT s.item_id, s.plain, s.standing FROM search_index s
        WHERE s.plain ~>=~ key AND s.plain ~<~ beyond AND (narrowed IS NULL OR s.words @@ narrowed) LIMIT 100
    ) f;
    FOREACH most IN ARRAY ARRAY[hot, few, many] LOOP
        CONTINUE WHEN most = 0;
        IF most = hot THEN
            SELECT array_agg(c.item_id), array_agg(-c.standing) INTO ids, lows FROM (
                SELECT s.item_id, s.standing FROM (
                    SELECT item_id, standing, plain, initials, pinyin FROM search_index
                    ORDER BY standing DESC, item_id LIMIT most
                ) s WHERE :fits AND (narrowed IS NULL OR EXISTS (
                    SELECT FROM search_index n WHERE n.item_id = s.item_id AND n.words @@ narrowed))
                ORDER BY s.standing DESC, s.item_id LIMIT wanted
            ) c;
        ELSE
            WITH candidate AS MATERIALIZED (
                SELECT s.item_id, s.standing, s.plain, s.initials, s.pinyin FROM search_index s
                WHERE s.words @@ question LIMIT most
            ), page AS (
                SELECT s.item_id, s.standing FROM candidate s WHERE :fits
                ORDER BY s.standing DESC, s.item_id LIMIT wanted
            )
            SELECT array_agg(p.item_id), array_agg(-p.standing), (SELECT count(*) FROM candidate)
            INTO ids, lows, met FROM page p;
        END IF;
        EXIT WHEN cardinality(coalesce(ids, '{}')) + (CASE WHEN from_rank IS NULL
            THEN least(cardinality(coalesce(front_ids, '{}')), wanted) ELSE 0 END) >= wanted OR met < most;
    END LOOP;
    RETURN QUERY WITH page AS (
        SELECT found.* FROM (
            SELECT * FROM unnest(front_ranks, front_lows, front_ids) AS f (rank, low, item_id)
            UNION ALL
            SELECT 2, * FROM unnest(lows, ids) AS r (low, item_id)
        ) found
        WHERE from_rank IS NULL OR (found.rank, found.low, found.item_id) > (from_rank, from_low, from_id)
        ORDER BY found.rank, found.low, found.item_id LIMIT wanted
    )
    SELECT p.rank, p.low, p.item_id, i.name, s.pinyin FROM page p JOIN search_index s ON s.item_id = p.item_id
        JOIN item i ON i.id = p.item_id ORDER BY p.rank, p.low, p.item_id;
END $$;
"""

_FITS = (
    "(((likes IS NULL OR s.plain LIKE ALL (likes))"
    " AND (spoken1 IS NULL OR s.initials LIKE initials1 OR s.pinyin LIKE ANY (spoken1))"
    " AND (spoken2 IS NULL OR s.initials LIKE initials2 OR s.pinyin LIKE ANY (spoken2)))"
    " OR s.plain LIKE ALL (or1) OR s.plain LIKE ALL (or2) OR s.plain LIKE ALL (or3) OR s.plain LIKE ALL (or4)"
    " OR s.plain LIKE ALL (or5))"
    " AND (from_rank IS NULL OR from_rank < 2 OR (-s.standing, s.item_id) > (from_low, from_id))"
    " AND (front_ids IS NULL OR s.item_id <> ALL (front_ids))"
)

BACKWARD = """
DROP FUNCTION search_names;
DROP FUNCTION search_front;
DROP INDEX search_index_plain_index;
CREATE INDEX search_index_plain_index ON search_index (plain text_pattern_ops);
ALTER TABLE synonym DROP COLUMN pinyin;
ALTER TABLE hall DROP COLUMN pinyin;
CREATE FUNCTION search_candidates(question tsquery, most integer)
RETURNS TABLE (item_id uuid, standing bigint, plain text, initials text, pinyin text)
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
BEGIN
    -- Only a bitmap scan gives rows as they lie, which is by standing after a reorder, and reads no words at all. The
    -- planner would take a sequential scan for a frequent word.
    RETURN QUERY SELECT s.item_id, s.standing, s.plain, s.initials, s.pinyin FROM search_index s
        WHERE s.words @@ question LIMIT most;
END $$;
"""


class Migration(migrations.Migration):
    """What search reads."""

    dependencies = [("server", "0015_desk")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(SPOKEN + FIND.replace(":fits", _FITS), BACKWARD)]  # noqa: RUF012 - as above
