"""The peer of `make bench-cloud`: GET /v1/me as a usual Flask service answers it, with the same rows in the same PostgreSQL.

It looks the session of the token up, then the user with the clinic, then what is used of the plan. It has no row-level
security, no rate limits and no encryption.
"""

import hashlib
import os
from datetime import datetime, timezone

from flask import Flask, abort, jsonify, request
from sqlalchemy import DateTime, ForeignKey, Integer, LargeBinary, String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Clinic(Base):
    __tablename__ = "peer_clinics"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String)
    plan: Mapped[str] = mapped_column(String)


class User(Base):
    __tablename__ = "peer_users"
    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey(Clinic.id))
    name: Mapped[str] = mapped_column(String)
    email: Mapped[str] = mapped_column(String)
    role: Mapped[str] = mapped_column(String)


class UserSession(Base):
    __tablename__ = "peer_sessions"
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Usage(Base):
    __tablename__ = "peer_usage"
    clinic_id: Mapped[int] = mapped_column(ForeignKey(Clinic.id), primary_key=True)
    analyses: Mapped[int] = mapped_column(Integer)


engine = create_engine(os.environ["PEER_DATABASE_URL"], pool_size=10, max_overflow=0)
app = Flask(__name__)


def create(tokens):
    """Creates the tables with one clinic, one user and a session of each token."""
    Base.metadata.create_all(engine)
    with Session(engine) as db:
        db.add(Clinic(id=1, name="Lakeside Family Practice", plan="trial"))
        db.flush()
        db.add(User(id=1, clinic_id=1, name="Ada Admin", email="ada@clinic.example", role="admin"))
        db.add(Usage(clinic_id=1, analyses=0))
        db.flush()
        expires_at = datetime(2100, 1, 1, tzinfo=timezone.utc)
        for token in tokens:
            token_hash = hashlib.sha256(token.encode()).digest()
            db.add(UserSession(token_hash=token_hash, user_id=1, expires_at=expires_at))
        db.commit()


@app.get("/v1/me")
def me():
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    with Session(engine) as db:
        session = db.get(UserSession, hashlib.sha256(token.encode()).digest())
        if session is None or session.expires_at <= datetime.now(timezone.utc):
            abort(401)
        query = select(User, Clinic).join(Clinic, User.clinic_id == Clinic.id).where(User.id == session.user_id)
        user, clinic = db.execute(query).one()
        usage = db.get(Usage, clinic.id)
        return jsonify(
            user=user.id,
            name=user.name,
            email=user.email,
            role=user.role,
            clinic=clinic.name,
            usage={"plan": clinic.plan, "analyses_used": usage.analyses, "analyses_limit": 50},
        )


if __name__ == "__main__":
    create(os.environ["PEER_TOKENS"].split())
