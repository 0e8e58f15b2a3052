"""A facts database of a million deals in half a minute, made inside DuckDB: for timing pages, not for reading figures.

4 sales pipelines of 9 stages, 300 managers in 30 departments, 20 sources, two years of deals and as many leads, about 4.7 funnel rows a deal.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from dash_app.store.schema import FACTS


def make_facts(path: Path, n: int) -> None:
    """Writes the database anew; ``n``: deals."""
    path.unlink(missing_ok=True)
    c = duckdb.connect(str(path))
    for t, cols in FACTS.items():
        c.execute(f"CREATE TABLE {t} (" + ", ".join(f'"{k}" {v}' for k, v in cols.items()) + ")")

    def ins(table: str, select: str, order: str = "") -> None:
        names = [d[0] for d in c.execute(f"DESCRIBE SELECT * FROM ({select})").fetchall()]
        c.execute(
            f"INSERT INTO {table} (" + ",".join(f'"{x}"' for x in names) + f") SELECT * FROM ({select}) {order}"
        )

    c.execute("insert into meta values (TIMESTAMP '2026-11-24 10:00', 'http://127.0.0.1:1','RUB','Europe/Moscow',NULL)")
    ins(
        "pipelines",
        "select i::int id,'P'||i as name, i*10 sort,'sales' as role, 'C'||i||':WON' success_stage_id,true known from range(1,5) t(i)",
    )
    ins(
        "stages",
        "select 'deal' entity,p::int pipeline_id,'C'||p||':'||(case when s=8 then 'WON' when s=9 then 'LOSE' else 'S'||s end) stage_id,'St'||s as name,case when s=8 then 'S' when s=9 then 'F' else 'P' end semantic,s::int as rank,true known,s<=8 in_funnel from range(1,5) a(p),range(1,10) b(s)",
    )
    ins("managers", "select i::int id,'M'||i as name,true active,true known from range(1,301) t(i)")
    ins(
        "manager_departments", "select i::int manager_id,(i%30+1)::int department_id,true direct from range(1,301) t(i)"
    )
    ins("departments", "select i::int id,'D'||i as name,1 depth,i::int sort from range(1,31) t(i)")
    ins("sources", "select 'S'||i source_id,'S'||i as name,i::int sort,true known from range(1,21) t(i)")
    c.execute("select setseed(0.5)")
    c.execute(f"""create temp table d as select i as id, (random()*4)::int%4+1 as p, (random()*300)::int%300+1 as m, (random()*20)::int%20+1 as src,
     TIMESTAMP '2026-11-24 10:00' - to_seconds(((1-i/{n}.0)*730*86400)::bigint + (random()*80000)::bigint) as created, random() as r, random() as r2, exp(10+2*random()) as amt, (random()*8)::int as fur from range(1,{n}+1) t(i)""")
    c.execute(
        """create temp table e as select *, case when r<0.25 then 'won' when r<0.75 then 'lost' else 'in_work' end st, created+to_seconds((r2*60*86400)::bigint) as cl from d"""
    )
    c.execute("update e set st='in_work' where cl>TIMESTAMP '2026-11-24 10:00'")
    ins(
        "deals",
        """select id,'Deal '||id as title,p::int pipeline_id, case st when 'won' then 'C'||p||':WON' when 'lost' then 'C'||p||':LOSE' else 'C'||p||':S'||(fur%7+1) end stage_id, case st when 'won' then 'S' when 'lost' then 'F' else 'P' end semantic, st status, m::int manager_id,'S'||src source_id, case when r2<.7 then 'new' else 'repeat' end customer, created created_at, (created+interval 3 hour)::date created_on, case when st='won' then cl end won_at, case when st='won' then (cl+interval 3 hour)::date end won_on, case when st='lost' then cl end lost_at,case when st='lost' then (cl+interval 3 hour)::date end lost_on, case when st<>'in_work' then cl end closed_at, created+to_seconds((r*10*86400)::bigint) stage_entered_at, case when r2>.05 then round(amt,2)::decimal(28,8) end amount, 'RUB' currency_id,false no_rate, created last_activity_at, case when st<>'in_work' then r2*60 end cycle_days, r*10 stage_days, case when st<>'in_work' then r2*60 else r*100 end duration_days, (r*100)::int idle_days, true in_sales, p::int current_pipeline_id, r2<0.02 reopened, case when st='lost' then 'C'||p||':LOSE' end loss_reason, 'C'||p||':S'||(fur%7+1) furthest_stage_id from e""",
        "order by created_at",
    )
    ins(
        "deal_gaps",
        "select id, created+interval 5 day closed_at, created+interval 9 day reopened_at from e where r2<0.02",
    )
    ins(
        "deal_stages",
        """select id,p::int pipeline_id,'C'||p||':'||(case when s=8 then 'WON' else 'S'||s end) stage_id,s::int as rank,(id%7<>s) entered,true reached,(st='lost' and s=fur%7+1) lost_here,false moved_out_here,(id%31=s) returned,(r*s)::double stay_days,st status,created created_at,created::date created_on,case when r2>.05 then round(amt,2)::decimal(28,8) end amount,m::int manager_id,'S'||src source_id,case when r2<.7 then 'new' else 'repeat' end customer from e, range(1,9) b(s) where s<=fur%7+1 or st='won'""",
        "order by created_at",
    )
    ins(
        "leads",
        """select id,'Lead '||id as title, case when r<.3 then 'CONVERTED' when r<.7 then 'JUNK' else 'NEW' end stage_id,'P' semantic,case when r<.3 then 'won' when r<.7 then 'lost' else 'in_work' end status,m::int manager_id,'S'||src source_id,'new' customer,created created_at,(created+interval 3 hour)::date created_on, r*30 stage_days,r*30 duration_days,null::double cycle_days,(r*100)::int idle_days from d""",
        "order by created_at",
    )
    ins(
        "stages",
        "select 'lead' entity,null::int pipeline_id,x stage_id,x as name,'P' semantic,1 as rank,true known,false in_funnel from (values ('NEW'),('JUNK'),('CONVERTED')) t(x)",
    )
    c.execute("CHECKPOINT")
    c.close()
