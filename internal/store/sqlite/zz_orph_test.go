package sqlite
import ("testing";"time";"fmt")
func TestZZ(t *testing.T){
 s:=open(t,Memory)
 for _,n:=range []int{10000,20000,40000}{
 s.execute(t,"DELETE FROM payments"); s.execute(t,"DELETE FROM transfers")
 s.execute(t,fmt.Sprintf("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<%d) INSERT INTO payments SELECT x,1,1,1,1,1,1,x,0,0,'',0,'' FROM c",n))
 s.execute(t,fmt.Sprintf("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<%d) INSERT INTO transfers SELECT x*16,1,2,1,1,1,1,1 FROM c",n))
 s.execute(t,fmt.Sprintf("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<%d) INSERT INTO transfers SELECT x*16+1,1,2,1,1,1,1,1 FROM c",n))
 for _,q:=range []string{
 "SELECT COUNT(*) FROM payments p FULL JOIN (SELECT DISTINCT id / 16 AS id FROM transfers) t ON p.id = t.id WHERE p.id IS NULL OR (p.state = 1) <> (t.id IS NOT NULL)",
 "SELECT (SELECT COUNT(*) FROM payments AS p WHERE (state = 1) <> EXISTS (SELECT 1 FROM transfers AS t WHERE t.id >= p.id * 16 AND t.id < p.id * 16 + 16)) + (SELECT COUNT(*) FROM transfers AS t WHERE NOT EXISTS (SELECT 1 FROM payments AS p WHERE p.id = t.id / 16))",
 "SELECT COUNT(*) FROM (SELECT id FROM (SELECT id, CASE state WHEN 1 THEN 1 ELSE 2 END AS expected, 0 AS moves FROM payments UNION ALL SELECT id / 16, 0, 1 FROM transfers) AS x GROUP BY id HAVING MAX(expected)=0 OR (MAX(expected) = 1) <> (MAX(moves) = 1)) AS orphans",
 "SELECT COUNT(*) FROM (SELECT id, SUM(amount) AS total, SUM(balance) AS balance FROM (SELECT credit AS id, SUM(amount) AS amount, 0 AS balance FROM transfers GROUP BY credit UNION ALL SELECT debit, -SUM(amount), 0 FROM transfers GROUP BY debit UNION ALL SELECT id, 0, balance FROM accounts) AS moves GROUP BY id) AS compared WHERE total <> balance",
 }{ st:=time.Now(); s.execute(t,q); fmt.Println(n,time.Since(st),q[:60]) }
 }}
